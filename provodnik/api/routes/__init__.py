"""The functions of the API: fetch through what the asker sees, one action or one query, a shape."""
