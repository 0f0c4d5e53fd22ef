"""Clip models behind a ComfyUI server, over its HTTP and websocket interface. None of its code is here."""
