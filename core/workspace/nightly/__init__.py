"""The nightly probe: one token a model, by option, within a small share of what everybody shares."""

from .plan import NightPlan
from .probe import NightlyProbe

__all__ = ["NightPlan", "NightlyProbe"]
