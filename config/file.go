package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A settingsFile is what a YAML file says: the same names as the variables,
// each with a text, or with a list that counts as its elements side by side.
type settingsFile struct {
	path   string
	values map[string]string
}

// readFile reads the file at path; an empty path is an empty file.
func readFile(path string) (settingsFile, error) {
	file := settingsFile{path: path, values: map[string]string{}}
	if path == "" {
		return file, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return file, fmt.Errorf("cannot read the settings file: %w", err)
	}
	defer f.Close()

	// Nodes rather than strings: YAML would turn 0x10 or yes into something
	// else than what was written.
	var nodes map[string]yaml.Node
	if err := yaml.NewDecoder(f).Decode(&nodes); err != nil && !errors.Is(err, io.EOF) {
		return file, fmt.Errorf("%s is not a YAML file of NAME: value lines: %w", path, err)
	}

	known := map[string]bool{}
	for _, setting := range Settings() {
		known[setting.Name] = true
	}
	for name, node := range nodes {
		if !known[name] {
			return file, fmt.Errorf("%s, line %d: there is no setting %s", path, node.Line, name)
		}
		value, err := text(node)
		if err != nil {
			return file, fmt.Errorf("%s, line %d: %s: %w", path, node.Line, name, err)
		}
		file.values[name] = value
	}
	return file, nil
}

// text is what a node says when read as a variable's value.
func text(node yaml.Node) (string, error) {
	switch {
	case node.Tag == "!!null":
		return "", nil
	case node.Kind == yaml.ScalarNode:
		return node.Value, nil
	case node.Kind == yaml.SequenceNode:
		var items []string
		for _, item := range node.Content {
			if item.Kind != yaml.ScalarNode {
				return "", errors.New("a list may only hold plain values")
			}
			items = append(items, item.Value)
		}
		return strings.Join(items, " "), nil
	default:
		return "", errors.New("want a plain value or a list of them")
	}
}
