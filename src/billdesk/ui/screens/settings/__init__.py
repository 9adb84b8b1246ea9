"""Companies, accounts, numbers, tax, rates, mail and appearance, described as data where they can be."""
