"""Looks for bytes that make the readers of qbxml fail in a way of their own: ``python -m fuzz``, or ``make fuzz``."""
