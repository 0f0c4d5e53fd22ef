"""The shot list: its entries and coverage proposals by stated rules."""
