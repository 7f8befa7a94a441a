/* A program of one folder and what it may use, nothing else: it links, or the arrow is broken. */
int main(void)
{
	return 0;
}
