// The authorization code flow by golang.org/x/oauth2: ISSUER, CLIENT_ID and CLIENT_SECRET come from the environment.
package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/url"
	"os"
	"strings"

	"golang.org/x/oauth2"
)

func random() string {
	bytes := make([]byte, 32)
	if _, err := rand.Read(bytes); err != nil {
		log.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(bytes)
}

func main() {
	issuer := os.Getenv("ISSUER")
	client := &oauth2.Config{
		ClientID:     os.Getenv("CLIENT_ID"),
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		RedirectURL:  "http://localhost/callback",
		Scopes:       []string{"openid", "profile", "email"},
		Endpoint: oauth2.Endpoint{
			AuthURL:   issuer + "/oauth/v2/oauth-authorize",
			TokenURL:  issuer + "/oauth/v2/oauth-token",
			AuthStyle: oauth2.AuthStyleInHeader,
		},
	}
	ctx, state, verifier := context.Background(), random(), random()
	hash := sha256.Sum256([]byte(verifier))
	fmt.Println("Open this address and sign in:")
	fmt.Println(client.AuthCodeURL(state,
		oauth2.SetAuthURLParam("code_challenge", base64.RawURLEncoding.EncodeToString(hash[:])),
		oauth2.SetAuthURLParam("code_challenge_method", "S256")))
	fmt.Println("Paste the address at which the browser ends, where nobody answers:")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil {
		log.Fatal(err)
	}
	callback, err := url.Parse(strings.TrimSpace(line))
	if err != nil || callback.Query().Get("state") != state {
		log.Fatal("That is the answer to another request.")
	}

	tokens, err := client.Exchange(ctx, callback.Query().Get("code"), oauth2.SetAuthURLParam("code_verifier", verifier))
	if err != nil {
		log.Fatal(err)
	}
	// x/oauth2 verifies no ID tokens; who signed in is what the server itself says of the access token.
	answer, err := client.Client(ctx, tokens).Get(issuer + "/oauth/v2/oauth-userinfo")
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	user, err := io.ReadAll(answer.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Userinfo:\n%s\n", user)

	refreshed, err := client.TokenSource(ctx, &oauth2.Token{RefreshToken: tokens.RefreshToken}).Token()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("Refreshed: a new %s token for %q\n", strings.ToLower(refreshed.TokenType), refreshed.Extra("scope"))
}
