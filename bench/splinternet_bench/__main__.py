"""``python -m splinternet_bench``."""

import sys

from .cli import main

sys.exit(main())
