"""Several people through a film: who is who in every frame."""

from __future__ import annotations

from .film import track
from .follow import EVERYONE, STRONGEST, follow
from .person import Person, pick

__all__ = ["EVERYONE", "STRONGEST", "Person", "follow", "pick", "track"]
