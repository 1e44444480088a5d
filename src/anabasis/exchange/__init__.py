"""Files that other tools read and write: codecs between plain arrays and files.

Never contains a computation that changes an answer, and knows none of our nouns.
"""
