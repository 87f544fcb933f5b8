// The workbench: keyboard, list and item side by side.
