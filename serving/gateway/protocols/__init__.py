"""What requests and answers of the providers of models look like, as far as the gateway must know."""
