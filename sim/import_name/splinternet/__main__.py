"""``python -m splinternet``: the command line."""

from sim.cli import main

main()
