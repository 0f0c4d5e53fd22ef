"""Reading screenplays: Fountain, Final Draft, Fade In and plain text, to scenes and elements."""
