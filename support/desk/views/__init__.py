"""The pages of agents: lists, tickets and what is done with them, files, and what the desk keeps for itself."""
