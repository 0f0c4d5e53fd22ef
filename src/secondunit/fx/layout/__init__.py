"""The metric scene from one view, its mattes and its light."""
