"""``python -m splinternet``: the command line."""

from .cli import main

main()
