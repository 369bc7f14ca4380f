"""Taking graded transcripts elsewhere: one module a format, ``export`` to write them."""

from simulator.exports.formats import FORMATS, Exporter, export, exporter
from simulator.exports.options import Options

__all__ = ["FORMATS", "Exporter", "Options", "export", "exporter"]
