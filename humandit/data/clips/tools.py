"""The real parts of a build, each with its own loader, and the names that reports give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...pose.background.flow import LucasKanade
from ...pose.background.person import PersonMasks
from ...pose.background.track import Tracker
from ...pose.detect import Detector, load_detector
from .clarity import Clarity, load_clarity
from .quality import FrameQuality, QAlign, SimpleQuality
from .settings import Settings
from .text import TextFinder, load_text

if TYPE_CHECKING:
    from ...pose.detect.persons import PersonNet


@dataclass(frozen=True)
class Tools:
    """Everything that looks at pictures, loaded."""

    detector: Detector
    persons: PersonNet | None
    tracker: Tracker
    text: TextFinder | None
    quality: FrameQuality
    clarity: Clarity

    @property
    def names(self) -> Mapping[str, str]:
        """What did what, for reports."""
        own = isinstance(self.detector, PersonMasks)
        return {
            "poses": self.detector.name,
            "people": "person net in ONNX, and the pose detector" if self.persons else "the pose detector's own",
            "masks": "the pose detector's nets" if own else "painted along the points: wide",
            "background": "Lucas-Kanade" if isinstance(self.tracker, LucasKanade) else "CoTracker",
            "text": self.text.name if self.text else "not looked for: the rule text_share is not run",
            "quality": self.quality.name,
            "clarity": self.clarity.name,
        }


def load_tools(settings: Settings) -> Tools:
    """The parts that ``settings`` name.

    Raises:
        MissingDependency: a part that is named but not there. InvalidWeights: a file of another kind.
    """
    from ...pose.background.cotracker import CoTracker

    return Tools(
        _detector(settings),
        _persons(settings),
        CoTracker.load(settings.cotracker) if settings.cotracker else LucasKanade(),
        load_text(settings.text),
        QAlign.load(settings.quality) if settings.quality else SimpleQuality(),
        load_clarity(settings.clarity),
    )


def _detector(settings: Settings) -> Detector:
    own = settings.detector == "mediapipe"
    return load_detector(
        settings.detector, settings.nets, weights=settings.weights, person_weights=None if own else settings.persons
    )


def _persons(settings: Settings) -> PersonNet | None:
    if settings.persons is None:
        return None
    from ...pose.detect.persons import PersonNet

    return PersonNet(settings.persons)
