"""PDF signatures (EN 319 142-1): create one, observe those in a document."""
