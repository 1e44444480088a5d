"""A machine meets a world: transfer, insertion, entry, landing, surface, ascent, rendezvous.

Never contains another phase, a file or a date. Each is a file with a noun for a name and one public
verb that returns a `Flight`.
"""
