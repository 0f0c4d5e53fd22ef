"""A take whose dust a large video model draws anew: its use asked for, its weights registered, its frames."""
