package fediverse

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Names returns a resolver that knows no names but those that addresses
// gives addresses to. It asks a true DNS server on loopback, which ends with
// the test, so what an attacker's zone says arrives as it would from there.
func Names(t testing.TB, addresses func(name string) []netip.Addr) *net.Resolver {
	t.Helper()
	var config net.ListenConfig
	conn, err := config.ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		question := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(question)
			if err != nil {
				return
			}
			if answer, err := answerName(question[:n], addresses); err == nil {
				_, _ = conn.WriteTo(answer, from) // who left does not care
			}
		}
	}()
	t.Cleanup(func() {
		conn.Close()
		<-done
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// answerName answers one question for addresses; other records there are none.
func answerName(message []byte, addresses func(name string) []netip.Addr) ([]byte, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(message)
	if err != nil {
		return nil, err
	}
	question, err := parser.Question()
	if err != nil {
		return nil, err
	}
	list := addresses(strings.TrimSuffix(question.Name.String(), "."))
	header.Response, header.Authoritative, header.RecursionAvailable = true, true, true
	if len(list) == 0 {
		header.RCode = dnsmessage.RCodeNameError
	}
	answer := dnsmessage.Message{Header: header, Questions: []dnsmessage.Question{question}}
	for _, addr := range list {
		resource := dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: question.Class}
		switch {
		case addr.Is4() && question.Type == dnsmessage.TypeA:
			answer.Answers = append(answer.Answers, dnsmessage.Resource{Header: resource, Body: &dnsmessage.AResource{A: addr.As4()}})
		case addr.Is6() && question.Type == dnsmessage.TypeAAAA:
			answer.Answers = append(answer.Answers, dnsmessage.Resource{Header: resource, Body: &dnsmessage.AAAAResource{AAAA: addr.As16()}})
		}
	}
	return answer.Pack()
}
