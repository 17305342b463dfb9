"""The package ``splinternet`` of a clone: the folder ``sim``, under the name that it has in a
wheel.
"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim import *  # noqa: F403
    from sim import __version__ as __version__
else:
    _folder = Path(__file__).resolve().parents[2]
    _spec = spec_from_file_location(
        __name__, _folder / "__init__.py", submodule_search_locations=[str(_folder)]
    )
    sys.modules[__name__] = module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules[__name__])
