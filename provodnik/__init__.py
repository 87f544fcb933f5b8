"""PROводник: the employee's cabinet and the support desk of one house."""

__version__ = "0.1.0"
