"""PROводник: the employee's cabinet and the support desk of one house."""

__version__ = "1.1"
