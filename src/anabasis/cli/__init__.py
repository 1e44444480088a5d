"""The door: words in and words out.

Never contains anything else; every command calls one function of the package.
"""

from anabasis.cli.door import main

__all__ = ["main"]
