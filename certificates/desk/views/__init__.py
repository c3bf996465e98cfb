"""The pages of certificates at a site: of a day, of a person, and what is done with one certificate."""
