"""Reading 1C:ZUP by its standard OData interface: which sets, how they are asked for, what their rows mean."""
