"""The monthly report: dataset → charts → HTML → PDF."""
