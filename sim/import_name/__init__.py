"""How the folder ``sim`` of a clone is imported as ``splinternet``; a wheel has no need of it."""
