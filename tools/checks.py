"""How the tests check annotations at run time: by beartype, where an int may stand for a float."""

from beartype import BeartypeConf, beartype

typecheck = beartype(conf=BeartypeConf(is_pep484_tower=True))
