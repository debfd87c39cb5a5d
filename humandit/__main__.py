"""``python -m humandit VERB …``"""

from .cli import main

raise SystemExit(main())
