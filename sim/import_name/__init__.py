"""Import the folder ``sim`` of a clone as ``splinternet``; a wheel does not need this."""
