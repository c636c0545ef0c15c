"""The four stages of a run, each of which can be run alone and again: execute, record, publish, deliver."""

from driftmonitor.pipeline.stages import deliver, execute, publish, record

__all__ = ["deliver", "execute", "publish", "record"]
