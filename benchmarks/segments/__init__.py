"""A table of ten columns and five segmentations, and how soon the budget rule sees what changes in one segment."""
