"""The four stages of a day, each of which can be run alone and again: execute, record, publish, deliver."""

from driftmonitor.pipeline.stages import deliver, execute, publish, record

__all__ = ["deliver", "execute", "publish", "record"]
