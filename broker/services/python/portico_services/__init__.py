"""Two services of the message broker, as DarqOS has them: storage keeps values by key, history what happened when.

What was answered is on the disk, in a SQLite database.
"""
