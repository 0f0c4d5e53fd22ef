"""Where every output comes from: C2PA manifests, sequence manifests, and their verification."""
