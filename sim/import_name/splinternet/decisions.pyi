"""What a type checker reads of `splinternet.decisions` in a clone, where the package is the folder `sim`."""

from sim.decisions import *
