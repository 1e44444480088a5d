"""``python -m anabasis``: the same door."""

import sys

from anabasis.cli import main

sys.exit(main())
