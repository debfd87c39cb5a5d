"""The errors a user can meet. Each says what was expected, what came, and what to do about it."""


class HumanDiTError(ValueError):
    """Input that cannot be used. A ``ValueError``, so that every host shows its text to the user."""


class InvalidShape(HumanDiTError):
    """A size, frame count or tensor shape that the model cannot take."""


class NoPersonFound(HumanDiTError):
    """A picture or film in which the detector sees nobody."""


class InvalidMedia(HumanDiTError):
    """A file that is not the picture or film it should be."""


class InvalidPose(HumanDiTError):
    """Pose data of the wrong kind: missing fields, unknown skeleton, infinite coordinates."""


class InvalidWeights(HumanDiTError):
    """A weight file that is broken, unsafe, or belongs to another model."""


class MissingDependency(HumanDiTError):
    """An optional package or model file that this step needs and this machine lacks."""


class Interrupted(Exception):
    """Raised by a progress callback to stop a long run; what is finished stays finished."""
