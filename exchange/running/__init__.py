"""What it takes to run the exchange as processes: web server, logging, limits, secrets on disk.

Used by app.py and by the demo's supervisor only; nothing here knows what a letter is.
"""
