"""What a type checker reads of `splinternet.facts.model` in a clone, where the package is the folder `sim`."""

from sim.facts.model import *
