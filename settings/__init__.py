"""What the trader has decided: settings.yaml as values, its faults as sentences, the secrets."""
