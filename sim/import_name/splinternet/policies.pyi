"""What a type checker reads of `splinternet.policies` in a clone, where the package is the folder `sim`."""

from sim.policies import *
from sim.policies import Policy as Policy
