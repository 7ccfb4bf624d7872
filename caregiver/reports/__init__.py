"""Figures of a week, a month or any time: on the screen, in a workbook, on paper."""
