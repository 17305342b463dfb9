"""The decisions of states and platforms; each behaviour is a class."""
