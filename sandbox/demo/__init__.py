"""`skrytka demo`: the whole service with a town hall in it, from one command."""
